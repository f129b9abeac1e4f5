"""What is found out about a finished run or a data set."""
