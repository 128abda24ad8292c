"""What people and machines touch: they translate, and call the desk."""
