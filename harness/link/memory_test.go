package link

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

func TestStreamPipeJoinsWritesAndEnds(t *testing.T) {
	client, server := StreamPipe()
	_, _ = client.Write([]byte("Client"))
	_, _ = client.Write([]byte("Hello"))
	_ = closeWrite(client)
	got, err := io.ReadAll(server)
	if string(got) != "ClientHello" || err != nil {
		t.Fatalf("read %q, %v; want ClientHello to the end", got, err)
	}
	if _, err := client.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("write after close: %v, want net.ErrClosed", err)
	}
}

func TestPacketPipeKeepsDatagramsApart(t *testing.T) {
	client, server := PacketPipe()
	_, _ = client.WriteTo([]byte("one"), server.LocalAddr())
	_, _ = client.WriteTo([]byte("two"), server.LocalAddr())
	buf := make([]byte, 2) // a datagram that does not fit is cut, as a socket cuts it
	for _, want := range []string{"on", "tw"} {
		n, from, err := server.ReadFrom(buf)
		if string(buf[:n]) != want || err != nil || from.String() != client.LocalAddr().String() {
			t.Errorf("read %q from %v, %v; want %q", buf[:n], from, err, want)
		}
	}
}

func TestPipeDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := StreamPipe()
		begin := time.Now()
		_ = client.SetReadDeadline(begin.Add(time.Minute))
		_, err := client.Read(make([]byte, 1))
		if !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) != time.Minute {
			t.Errorf("read: %v after %v, want a deadline after 1m", err, time.Since(begin))
		}
		_ = client.SetReadDeadline(time.Time{})
		go func() {
			time.Sleep(time.Second)
			_ = client.Close()
		}()
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("read on a closed end: %v, want net.ErrClosed", err)
		}
	})
}
