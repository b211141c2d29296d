from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """What the history means: conversion and time in stage."""

    name = "analytics"
