"""Candidates for every source user, each with the step that found it; judges nothing."""
