"""What came of a run, as frames and counts; knows nothing of files, pages or terminals."""
