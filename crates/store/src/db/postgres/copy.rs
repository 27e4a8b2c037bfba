//! Many rows at once: `COPY … FROM STDIN (FORMAT binary)`.

use std::pin::pin;

use futures_util::SinkExt as _;
use tokio_postgres::CopyInSink;
use tokio_postgres::types::private::BytesMut;

use super::Link;
use crate::db::DbFault;
use crate::db::bind::Bound;

/// Signature, flags and length of the extension (PostgreSQL, COPY, "Binary Format").
const HEADER: &[u8; 19] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What stands where a row would say how many values it has.
const END: i16 = -1;
/// What stands where a value would say how many bytes it has.
const NULL: i32 = -1;
/// Bytes sent at once.
const PIECE: usize = 1 << 18;

impl Link {
    /// Adds rows to a table; all or none. `table` names it and its columns, a row has a value for each in this order.
    pub(crate) fn copy_in<'a, R: AsRef<[Bound<'a>]>>(
        &self,
        table: &str,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<u64, DbFault> {
        let client = self.client()?;
        let sql = format!("COPY {table} FROM STDIN (FORMAT binary)");
        let added = self.block_on(async move {
            let sink: CopyInSink<BytesMut> = client.copy_in(&sql).await?;
            send(sink, rows).await
        })?;
        self.count_written(added)?;
        Ok(added)
    }
}

async fn send<'a, R: AsRef<[Bound<'a>]>>(
    sink: CopyInSink<BytesMut>,
    rows: impl IntoIterator<Item = R>,
) -> Result<u64, DbFault> {
    let mut sink = pin!(sink);
    let mut piece = BytesMut::with_capacity(PIECE);
    piece.extend_from_slice(HEADER);
    for row in rows {
        write_row(&mut piece, row.as_ref());
        if piece.len() >= PIECE {
            sink.as_mut().send(std::mem::take(&mut piece)).await?;
        }
    }
    piece.extend_from_slice(&END.to_be_bytes());
    sink.as_mut().send(piece).await?;
    Ok(sink.finish().await?)
}

fn write_row(out: &mut BytesMut, row: &[Bound<'_>]) {
    let columns = i16::try_from(row.len()).unwrap_or(i16::MAX);
    out.extend_from_slice(&columns.to_be_bytes());
    for value in row {
        match value {
            // A column of a list is in no table here.
            Bound::Null | Bound::Ints(_) | Bound::Blobs(_) | Bound::Texts(_) => {
                out.extend_from_slice(&NULL.to_be_bytes());
            }
            Bound::Int(number) => write_value(out, &number.to_be_bytes()),
            Bound::Text(text) => write_value(out, text.as_bytes()),
            Bound::Blob(bytes) => write_value(out, bytes),
        }
    }
}

fn write_value(out: &mut BytesMut, bytes: &[u8]) {
    let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_its_columns_each_with_its_length() {
        let mut out = BytesMut::new();
        write_row(&mut out, &[Bound::Int(1), Bound::Null, Bound::Blob(&[7, 8])]);
        let expected: &[&[u8]] =
            &[&[0, 3], &[0, 0, 0, 8], &[0, 0, 0, 0, 0, 0, 0, 1], &[255; 4], &[0, 0, 0, 2], &[7, 8]];
        assert_eq!(out[..], expected.concat());
    }
}
