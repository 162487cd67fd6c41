"""Fuzz targets, run by hand; see README.md."""
