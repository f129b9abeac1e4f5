"""Changes of a data set; each makes a version that can be taken back."""
