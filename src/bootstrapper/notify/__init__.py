"""What happened, told to those who want to know: grouped, paced, and each thing once."""
