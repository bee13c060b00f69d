"""Shows a day: the floor and the city, live, replayed or from files."""
