"""How a session finds its user."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from crm.models import User


class EmailBackend(AuthenticationBackend):
    """Signing in by e-mail; the team comes with the user, since every question of rights asks for it."""

    def get_user(self, user_id: int) -> User | None:
        return User.objects.select_related("team").filter(pk=user_id, is_active=True).first()
