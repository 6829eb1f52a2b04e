//go:build !linux

package main

// useLargePages does nothing: elsewhere the heap's pages are what they are.
func useLargePages() {}
