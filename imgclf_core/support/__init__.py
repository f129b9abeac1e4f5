"""What knows nothing of photos: files, clock, safe text, rows on the disk, downloads."""
