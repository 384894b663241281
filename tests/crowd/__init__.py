"""Many desks at once (很多窗口同时办事)."""
