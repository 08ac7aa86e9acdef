"""Staff lists, person pages, organisations and portraits, for HR, officers and administrators."""
