"""Fetches a file from one libtorrent session into another over loopback, hashed and durable.

Argument: a JSON object with "version" (1: SHA-1 pieces, 2: SHA-256 blocks) and "folder".
"prepare FILE" makes a torrent of it and has the seed check it; "move" fetches it.
"""

import json
import os
import shutil
import sys

import libtorrent as lt

FETCH_LIMIT_MS = 300_000
PIECE_BYTES = 256 * 1024
SETTINGS = {
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "enable_outgoing_utp": False,
    "enable_incoming_utp": False,
    "allow_multiple_connections_per_ip": True,
    "in_enc_policy": 2,  # plain: its encryption would only make it slower
    "out_enc_policy": 2,
    "unchoke_slots_limit": -1,
    "max_out_request_queue": 1500,
    "max_allowed_in_request_queue": 3000,
    "send_buffer_watermark": 4 << 20,
    "max_queued_disk_bytes": 16 << 20,
    "alert_mask": lt.alert.category_t.status_notification
    | lt.alert.category_t.storage_notification
    | lt.alert.category_t.error_notification,
}


def session():
    return lt.session({**SETTINGS, "listen_interfaces": "127.0.0.1:0"})


def wait(of, kind):
    waited = 0
    while waited < FETCH_LIMIT_MS:
        of.wait_for_alert(1000)
        for alert in of.pop_alerts():
            if isinstance(alert, kind):
                return alert
            if isinstance(alert, (lt.torrent_error_alert, lt.file_error_alert)):
                raise RuntimeError(alert.message())
        waited += 1000
    raise RuntimeError(f"no {kind.__name__}")


def add(to, info, folder):
    return to.add_torrent(
        {"ti": info, "save_path": folder, "flags": lt.torrent_flags.update_subscribe}
    )


class Pair:
    def __init__(self, version, folder):
        self.version = version
        self.into = os.path.join(folder, "libtorrent-into")
        self.seed, self.fetcher = session(), session()
        self.seeding = self.fetching = None

    def prepare(self, file):
        if self.seeding:
            self.seed.remove_torrent(self.seeding)
            self.fetcher.remove_torrent(self.fetching)
        shutil.rmtree(self.into, ignore_errors=True)
        os.makedirs(self.into)
        storage = lt.file_storage()
        lt.add_files(storage, file)
        flags = lt.create_torrent.v1_only if self.version == 1 else lt.create_torrent.v2_only
        torrent = lt.create_torrent(storage, PIECE_BYTES, flags)
        lt.set_piece_hashes(torrent, os.path.dirname(file))
        self.info = lt.bdecode(lt.bencode(torrent.generate()))
        self.seeding = add(self.seed, lt.torrent_info(self.info), os.path.dirname(file))
        wait(self.seed, lt.torrent_checked_alert)

    def move(self):
        info = lt.torrent_info(self.info)
        self.fetching = add(self.fetcher, info, self.into)
        self.fetching.connect_peer(("127.0.0.1", self.seed.listen_port()))
        wait(self.fetcher, lt.torrent_finished_alert)
        self.fetching.flush_cache()
        wait(self.fetcher, lt.cache_flushed_alert)
        with open(os.path.join(self.into, info.files().file_path(0)), "rb+") as file:
            os.fsync(file.fileno())


def main():
    arguments = json.loads(sys.argv[1])
    pair = Pair(arguments["version"], arguments["folder"])
    for line in sys.stdin:
        order, _, rest = line.rstrip("\n").partition(" ")
        if order == "prepare":
            pair.prepare(rest)
        else:
            pair.move()
        print("{}", flush=True)


main()
