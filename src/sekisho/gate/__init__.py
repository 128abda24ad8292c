"""Takes a step, its evidence and the case book, and answers: permitted, refused, referred to a person, or not our matter."""
