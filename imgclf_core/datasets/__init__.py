"""The data set: photos with labels and splits, on the disk and in versions."""
