#!/usr/bin/python3
"""An RTSP server that is not ours: GStreamer's, for the vision tests.

usage: gst-rtsp-server.py CODEC FILE [USER [basic]]     CODEC: h264 | h265, FILE: Matroska

Serves FILE at rtsp://127.0.0.1:PORT/cam, from the start for each client. With USER it asks for digest
authentication (RFC 2617, as cameras do) or, with "basic", for Basic. The password is then the first line
of stdin, so that only a leak shows it.
Prints PORT on the first line of stdout; ends when stdin closes.
"""
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

codec, clip = sys.argv[1], sys.argv[2]
user = sys.argv[3] if len(sys.argv) > 3 else None
password = sys.stdin.readline().rstrip("\n") if user is not None else None

Gst.init(None)
loop = GLib.MainLoop()
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")

factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    f'( filesrc location="{clip}" ! matroskademux ! {codec}parse config-interval=-1 ! rtp{codec}pay name=pay0 pt=96 )'
)
factory.set_shared(False)

if user is not None:
    basic = sys.argv[4:] == ["basic"]
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC if basic else GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if basic:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    else:
        auth.add_digest(user, password, token)
    server.set_auth(auth)
    factory.add_role_from_structure(
        Gst.Structure.from_string("viewer, media.factory.access=(boolean)true, media.factory.construct=(boolean)true")[0]
    )

server.get_mount_points().add_factory("/cam", factory)
if server.attach(None) == 0:
    sys.exit("cannot attach the RTSP server")
print(server.get_bound_port(), flush=True)


def end_with_stdin():
    sys.stdin.read()
    GLib.idle_add(loop.quit)


threading.Thread(target=end_with_stdin, daemon=True).start()
loop.run()
