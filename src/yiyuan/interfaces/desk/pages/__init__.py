"""The pages of the staff site (业务页面), one module a page: its views and its addresses."""
