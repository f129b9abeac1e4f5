"""What the pages share. The only part of the engine that imports Streamlit."""
