"""Results and problems of the League of Robot Runners."""
