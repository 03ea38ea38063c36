"""What has to be disclosed of an alert, what undermines it included."""
