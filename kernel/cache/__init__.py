"""What is kept for a while, and under which names."""
