//! The expansion of `#[derive(Input)]`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Data, DeriveInput, Error, Fields, Result, Type, Variant, spanned::Spanned};

use crate::engine_path;

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let engine = engine_path(&input.attrs)?;
    let Data::Enum(data) = &input.data else {
        return Err(Error::new(
            input.ident.span(),
            "`Input` is derived for an enum, one variant a stream; a bolt that reads one stream names its tuple type as `type In`",
        ));
    };
    let (name, generics) = (&input.ident, &input.generics);
    let (impls, types, bounds) = generics.split_for_impl();
    let mut seen: Vec<String> = Vec::new();
    let mut expanded = TokenStream::new();
    for variant in &data.variants {
        let carried = carried_type(variant)?;
        let text = carried.to_token_stream().to_string();
        let label = &variant.ident;
        if seen.contains(&text) {
            // Two streams of one type are told apart where they are subscribed: `stream.via(In::Left)`.
            continue;
        }
        let is_ambiguous = data.variants.iter().filter(|other| carries(other, &text)).count() > 1;
        seen.push(text);
        if is_ambiguous {
            continue;
        }
        expanded.extend(quote! {
            impl #impls #engine::Accepts<#carried> for #name #types #bounds {
                fn accept(tuple: #carried) -> Self {
                    Self::#label(tuple)
                }
            }
        });
    }
    Ok(expanded)
}

fn carries(variant: &Variant, text: &str) -> bool {
    carried_type(variant).is_ok_and(|ty| ty.to_token_stream().to_string() == text)
}

fn carried_type(variant: &Variant) -> Result<&Type> {
    if let Fields::Unnamed(fields) = &variant.fields
        && fields.unnamed.len() == 1
        && let Some(field) = fields.unnamed.first()
    {
        return Ok(&field.ty);
    }
    Err(Error::new(
        variant.span(),
        "a variant of an `Input` enum holds the tuple of one stream: write `Word(Word)`",
    ))
}
