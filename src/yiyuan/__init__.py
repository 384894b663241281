"""Yiyuan 一元: public relief insurance for a Chinese city, from the departments' files to the bank file."""
