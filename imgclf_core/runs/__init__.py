"""What a run is on the disk: settings, checkpoint, predictions, calibration."""
