"""What Playwright switches off in each browser."""
