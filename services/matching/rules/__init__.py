"""The rules of matching, pure: who qualifies, who comes first, whose calendar holds what (MA)."""
