"""A photo of a certificate's QR, read on the server where the browser cannot read codes."""
