"""What the pages share. Only this package, `app.py` and `pages/` import Streamlit."""
