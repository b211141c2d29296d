"""How static files are named and served."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Hashed names, also inside `import` statements of ES modules, so that files can be cached for ever."""

    support_js_module_import_aggregation = True
    # A missing entry falls back to the plain name, so that tests need no collectstatic.
    manifest_strict = False
