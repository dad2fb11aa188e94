"""Static files in production: names carry their hash, inside ES modules too."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class HashedFiles(ManifestStaticFilesStorage):
    support_js_module_import_aggregation = True
