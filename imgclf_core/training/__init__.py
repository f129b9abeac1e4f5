"""Teaching a network: settings, features, the fit itself, and the run it leaves behind."""
