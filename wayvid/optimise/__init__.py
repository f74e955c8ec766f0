"""What a clip costs on the screens that show it, and a copy of it that costs less."""
