"""What is heard becomes the asks that the API gets too, as the one who spoke; then the answer."""
