"""Own components: drawn in the browser with textContent only, never with HTML made of data."""
