"""What the Starlette, Flask and split chats share: posts in SQLite, each with its sealed record in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import MetaData, Table, create_engine, delete, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from examples.services.chat_page import Shown
from examples.services.demo_home import Home
from sekisho_sender.sqlalchemy import Keep, keep_senders, record_id, record_table, watch_foreign_keys


class KeptChat:
    """The posts of one chat. `add` raises `Refused` when the sender of the request at hand cannot be kept; then the post is not there."""

    def __init__(self, home: Home) -> None:
        class Base(DeclarativeBase):
            metadata = MetaData()

        class Post(Base):
            __tablename__ = "post"
            __table_args__ = ({"sqlite_autoincrement": True},)  # an id is never used again: records outlive posts
            id: Mapped[int] = mapped_column(primary_key=True)
            author: Mapped[str]
            body: Mapped[str]

        self.post: type[Any] = Post
        self.records: Table = record_table(Base.metadata)
        keep_senders(Keep(Post, account=lambda post: post.author), keeper=home.keeper(), records=self.records)
        self.engine = create_engine(f"sqlite:///{home.database}", connect_args={"timeout": 30})
        watch_foreign_keys(self.engine)
        event.listen(
            self.engine, "connect", lambda connection, _: connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL")
        )
        Base.metadata.create_all(self.engine)

    def add(self, author: str, body: str) -> str:
        """The number of its sender record, which its poster alone is told."""
        with Session(self.engine) as session, session.begin():
            post = self.post(author=author, body=body)
            session.add(post)
            session.flush()
            return record_id(session, self.records, str(post.id))

    def take_down(self, number: str) -> None:
        """The post is gone; its sealed record stays, for the days that a permit gives it."""
        with Session(self.engine) as session, session.begin():
            session.execute(delete(self.post).where(self.post.id == number))

    def latest(self, most: int = 50, mine: Collection[str] = ()) -> Iterator[Shown]:
        """The newest posts, each with how often its sender data were opened; `mine`: numbers of records their reader knows."""
        joined = (self.records.c.subject_kind == "post") & (self.records.c.subject == self.post.id.cast(self.records.c.subject.type))
        columns = (self.post, self.records.c.opened, self.records.c.id)
        wanted = select(*columns).outerjoin(self.records, joined).order_by(self.post.id.desc()).limit(most)
        with Session(self.engine) as session:
            for post, opened, record in session.execute(wanted):
                yield Shown(str(post.id), post.author, post.body, opened, record if record in mine else "")
