"""What the terminal says, in Japanese and English."""
