"""Runs a real klippy on simulated devices, in real time, and measures it.

This folder does not contain Klipper. README.md lists what it needs: a source tree, a Python with
its requirements, and the micro-controller program for a Linux process.
"""
