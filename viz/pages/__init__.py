"""Self-contained HTML pages: `stepper_page` fills `page.html` with the steps, `page.css` and `page.js`."""
