"""How the records' tables came to be, step by step. A step is never edited once it was released; another follows."""
