"""Files to and from banks (银行文件), in the form that a profile file describes."""
