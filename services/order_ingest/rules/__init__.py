"""The rules of orders and Px (OR, PX), pure: no IO, no clock."""
