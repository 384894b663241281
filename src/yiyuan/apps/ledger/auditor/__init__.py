"""What an auditor gets with the export (审计导出): a script that needs nothing of this project."""
