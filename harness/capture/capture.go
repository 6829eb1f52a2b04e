// Package capture turns recordings into packets and packets into recordings.
//
// What comes in is read as a stream and told apart by connection: TCP is put
// back together, QUIC is told apart by its connection IDs. What goes out is a
// file that other tools open, with the key log inside and, in a block of our
// own, what the wire cannot say ([Note]).
package capture
