"""Tools of this repository: setting up, the house rules, and pages made from the case book. Nothing here is shipped."""
