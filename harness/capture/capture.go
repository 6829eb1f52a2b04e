// Package capture turns recordings into packets and packets into recordings.
//
// To read a capture file, call [Read] with a function that takes one [Recording]
// after the other. The file is read once, as a stream: TCP is put back together,
// QUIC is told apart by its connection IDs, and each connection is handed on when
// it has ended, which over QUIC only its secrets show. What is kept at a time is
// bounded, whatever the file holds: a long connection is dissected as it comes and
// its application data counted, and where too many are open, those are ended that
// are silent for longest. To write a file, make a [Writer]; other tools open it,
// with the key log inside and, in a place of our own, what the wire cannot say
// ([Note]).
//
// A recording out of a file says what was sent; that it arrived, and in what
// state, a capture does not show. Not read are IP fragments, tunnels, DTLS, and
// datagrams of QUIC connections whose handshake was not captured: they are
// counted. Secrets have to stand before the end of the connection that they are
// for, and before a long one's data.
package capture
