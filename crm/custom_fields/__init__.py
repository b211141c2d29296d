"""Fields that an admin defines: their types, and reading, checking, showing and finding their values."""
