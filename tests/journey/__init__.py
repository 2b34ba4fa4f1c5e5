"""Cases from end to end: a browser, real SMTP, a real Odoo."""
