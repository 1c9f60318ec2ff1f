"""After a green verdict: what shows that tests bite and hunks are needed, and the page that says so."""
