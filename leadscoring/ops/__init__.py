"""Running the app: embedded servers, the supervisor, the one beat, migrations and database rights."""
