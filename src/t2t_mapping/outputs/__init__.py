"""Results → what people open: files on disk, the report, the review workbook, the notebook."""
