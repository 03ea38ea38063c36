"""How the schema came to be, step by step; alerts/store/migrating.py walks them."""
