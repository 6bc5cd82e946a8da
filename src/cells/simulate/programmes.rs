//! The marker programmes: which genes which cells of a breast tumour express.
//!
//! Textbook knowledge, written down by hand; the numbers are round on purpose. A programme's strength is the level of its
//! genes relative to a gene of the background (level 1).

/// A type of cell.
pub(super) struct CellType {
    pub name: &'static str,
    /// Share of the cells.
    pub share: f64,
    /// Programmes it runs, by name, with a factor on their strength.
    programmes: &'static [(&'static str, f64)],
}

const fn kind(name: &'static str, share: f64, programmes: &'static [(&'static str, f64)]) -> CellType {
    CellType { name, share, programmes }
}

/// The cell types, with shares typical of a dissociated carcinoma.
pub(super) const TYPES: [CellType; 16] = [
    kind("tumour, luminal", 0.22, &[("epithelial", 1.0), ("luminal", 1.0), ("hormone", 1.0)]),
    kind("tumour, HER2", 0.14, &[("epithelial", 1.0), ("luminal", 0.6), ("her2", 1.0)]),
    kind("tumour, cycling", 0.05, &[("epithelial", 0.8), ("luminal", 0.6), ("hormone", 0.4), ("cycling", 1.0)]),
    kind("myoepithelial", 0.06, &[("epithelial", 0.4), ("basal", 1.0), ("contractile", 0.5)]),
    kind("fibroblast", 0.09, &[("stromal", 1.0), ("resting fibroblast", 1.0)]),
    kind(
        "cancer-associated fibroblast",
        0.09,
        &[("stromal", 1.0), ("activated fibroblast", 1.0), ("contractile", 0.2)],
    ),
    kind("pericyte", 0.03, &[("stromal", 0.3), ("contractile", 1.0), ("mural", 1.0)]),
    kind("endothelial", 0.06, &[("vascular", 1.0)]),
    kind("T cell, CD4", 0.07, &[("leukocyte", 1.0), ("t cell", 1.0), ("helper", 1.0)]),
    kind("T cell, CD8", 0.06, &[("leukocyte", 1.0), ("t cell", 1.0), ("cytotoxic", 1.0)]),
    kind("B cell", 0.03, &[("leukocyte", 1.0), ("antigen presenting", 0.7), ("b cell", 1.0)]),
    kind("plasma cell", 0.02, &[("plasma", 1.0)]),
    kind("macrophage", 0.05, &[("leukocyte", 0.7), ("antigen presenting", 1.0), ("myeloid", 1.0), ("macrophage", 1.0)]),
    kind(
        "dendritic cell",
        0.01,
        &[("leukocyte", 0.7), ("antigen presenting", 1.4), ("myeloid", 0.4), ("dendritic", 1.0)],
    ),
    kind("mast cell", 0.01, &[("leukocyte", 0.6), ("mast", 1.0)]),
    kind("adipocyte", 0.01, &[("adipose", 1.0)]),
];

/// A set of genes expressed together.
struct Programme {
    name: &'static str,
    strength: f64,
    genes: &'static str,
}

const fn genes(name: &'static str, strength: f64, genes: &'static str) -> Programme {
    Programme { name, strength, genes }
}

/// A programme may be listed in several strengths.
const PROGRAMMES: [Programme; 42] = [
    genes("epithelial", 60.0, "EPCAM KRT8 KRT18 KRT19 CLDN4 CDH1 TACSTD2"),
    genes(
        "epithelial",
        20.0,
        "KRT7 CLDN3 CLDN7 ELF3 DSP JUP CD24 MUC1 SDC4 CD9 SPINT2 SPINT1 PERP CLDN1 F11R S100A14 LGALS3 ITM2C",
    ),
    genes(
        "epithelial",
        8.0,
        "DSC2 FLNB MYO5B C6orf132 TUBB2B CTTN TPD52 ENAH ADAM9 TRAF4 KLF5 RAB25 CDS1 ESRP1 ESRP2 GRHL2 OVOL1 LSR \
         MARVELD2 PRSS8 ST14 TMPRSS4 RAB11FIP1 SH3YL1 BACE2 USP53 SMS DMKN NOSTRIN RHOV EHF CRB3 MAL2 TSPAN1 AP1M2",
    ),
    genes("luminal", 40.0, "GATA3 FOXA1 MLPH AGR2 XBP1 TFF3 AZGP1 SERPINA3 STC2"),
    genes(
        "luminal",
        15.0,
        "TFF1 AGR3 ANKRD30A TFAP2A TFAP2B SPDEF SCGB2A2 SCGB2A1 SCGB1D2 MYBPC1 PIP TRPS1 AR CCND1 TCIM CA12",
    ),
    genes(
        "luminal",
        6.0,
        "CLIC6 ABCC11 AKR1C3 RAB30 SERHL2 HPX OPRPN EVL KRT23 LYPD3 CEACAM6 ERN1 SSTR2 DNAAF1 SEC24A SLC5A6 RUNX1 BCL2 \
         CREB3L4 DEGS2 THSD4 SLC44A4 TSPAN13 PBX1 KIAA1324 BATF",
    ),
    genes("hormone", 25.0, "ESR1 PGR GREB1 NAT1 SLC39A6"),
    genes("hormone", 8.0, "PDZK1 MYB IGF1R RERG CXXC5 MAPT IL6ST SCUBE2 CELSR1 STARD10 NPY1R RAPGEF3"),
    genes("her2", 70.0, "ERBB2 GRB7 FASN"),
    genes("her2", 20.0, "STARD3 MIEN1 PGAP3 SCD KRT7 CEACAM6 MUC4 SQLE ELOVL6 TMEM45B CLCA2"),
    genes(
        "her2",
        8.0,
        "PSMD3 CDK12 MED1 ORMDL3 IKZF3 ALDH3B2 FABP7 SREBF1 EIF4EBP1 GJB2 S100A8 S100A9 KYNU AKR1C1 C15orf48",
    ),
    genes("cycling", 20.0, "MKI67 TOP2A CENPF PCLAF STMN1 TUBA1B HMGB2 H2AZ1 TUBB UBE2C"),
    genes(
        "cycling",
        8.0,
        "BIRC5 CCNB1 CCNB2 CDK1 TYMS RRM2 PCNA MCM2 MCM3 MCM5 MCM7 NUSAP1 TPX2 AURKA AURKB BUB1 CDC20 CCNA2 HMGA1 ASPM \
         CENPA PTTG1 CKS2 CKS1B ZWINT KIF11 KIF20A PRC1 DLGAP5 FOXM1 NPM3 MDM2",
    ),
    genes("basal", 60.0, "KRT5 KRT14 KRT17 KRT15"),
    genes("basal", 20.0, "TP63 OXTR KRT6B KRT16 SFRP1 DST LAMB3 LAMC2 ITGA6 ITGB4 COL17A1 SERPINB5 CNN1 MME PTN PIGR"),
    genes(
        "basal",
        8.0,
        "ALDH1A3 CAV1 EGFR KIT ELF5 FAT2 JAG2 DSG3 KRT81 CRYAB ANKRD28 KLK5 KLK7 ACTG2 TAC1 C2orf42 SLC25A37 LIF",
    ),
    genes("contractile", 60.0, "ACTA2 TAGLN MYL9 TPM2"),
    genes(
        "contractile",
        20.0,
        "MYLK MYH11 CNN1 ACTG2 TPM1 CALD1 LMOD1 SVIL PLN SYNPO2 DES SORBS1 FBLIM1 PDLIM3 PDLIM7",
    ),
    genes("stromal", 60.0, "COL1A1 COL1A2 COL3A1 LUM DCN SPARC"),
    genes(
        "stromal",
        25.0,
        "COL6A1 COL6A2 COL6A3 FBLN1 MMP2 PCOLCE CCDC80 SERPINF1 C1S C1R TIMP1 BGN VIM MGP PDGFRA PDGFRB",
    ),
    genes(
        "stromal",
        8.0,
        "CRISPLD2 BASP1 FSTL3 ZEB1 ZEB2 SNAI1 TWIST1 TWIST2 PRRX1 LOXL1 THY1 FN1 COL5A1 COL5A2 EFEMP2 MXRA8 AEBP1 CDC42EP1 AVPR1A TCEAL7 HOXD8 HOXD9 MEDAG",
    ),
    genes("resting fibroblast", 40.0, "CXCL12 DPT CFD APOD"),
    genes(
        "resting fibroblast",
        15.0,
        "ADH1B IGF1 SFRP4 PTGDS GPX3 PI16 CD34 SCARA5 MFAP5 PLA2G2A CLU CRHBP ADAMTS5 FGF7 TNXB C7 LEPR SEMA3C FOXC2 PDK4",
    ),
    genes("activated fibroblast", 40.0, "POSTN FAP COL11A1 COL10A1 MMP11 CTHRC1"),
    genes(
        "activated fibroblast",
        12.0,
        "LRRC15 COMP INHBA SULF1 VCAN GREM1 ADAM12 ASPN COL8A1 LOX LOXL2 ITGA11 MMP14 MMP1 PDPN TNC C5orf46 WNT2 HTRA1 COL12A1",
    ),
    genes("mural", 30.0, "RGS5 NDUFA4L2 NOTCH3 MCAM CSPG4 KCNJ8 ABCC9"),
    genes("mural", 10.0, "HIGD1B COX4I2 ANGPT2 EDNRA EDNRB ADRA2A HEYL GJA4 ESAM EPAS1 STEAP4 ANKRD29 AOC3 TINAGL1"),
    genes("vascular", 60.0, "VWF PECAM1 CLDN5 RAMP2 AQP1"),
    genes(
        "vascular",
        25.0,
        "KDR CD93 EGFL7 CLEC14A MMRN2 SOX17 SOX18 ESM1 BTNL9 CAVIN2 EMCN PLVAP ENG CDH5 TIE1 TEK FLT1 ACKR1 CAV1 IFI27",
    ),
    genes(
        "vascular",
        8.0,
        "ANGPT2 TCF15 TCF4 STC1 EDN1 NOSTRIN RAPGEF3 HOXD8 AQP3 ROBO4 ERG SELE SELP ICAM2 PODXL JAM2 ECSCR RAMP3 SPARCL1 GNG11 CD34 ESAM GJA5 TIMP4",
    ),
    genes("leukocyte", 40.0, "PTPRC CD69 CXCR4 SRGN LAPTM5 CORO1A CYTIP ARHGDIB"),
    genes(
        "leukocyte",
        12.0,
        "CD52 CD53 CD37 CD48 HCST LCP1 RAC2 EVI2B ITGB2 GPR183 SELL RHOH IL2RG LPXN ADGRE5 FAM107B PIM1 DUSP2 SMAP2 PELI1 TUBA4A TIFA SLAMF1 CD83",
    ),
    genes("t cell", 50.0, "CD3D CD3E CD3G TRAC CD2 IL7R TRBC1 TRBC2"),
    genes(
        "t cell",
        15.0,
        "CD247 LTB TCF7 CD27 CD7 CD5 CD6 LCK ZAP70 ITK CD96 BCL11B KLRB1 PDCD1 TIGIT CCR7 GZMK STAT4 CD28 CD40LG LEF1 SKAP1",
    ),
    genes("helper", 20.0, "CD4 FOXP3 CTLA4 IL2RA TNFRSF4 TNFRSF18 ICOS BATF RTKN2 RORC MAL CXCL13 MAF TNFRSF9"),
    genes(
        "cytotoxic",
        40.0,
        "CD8A CD8B CCL5 NKG7 GZMA GZMB GNLY PRF1 GZMH GZMK CST7 KLRD1 KLRC1 KLRF1 LAG3 HAVCR2 CCL4 FGFBP2 XCL1 NCAM1 FCGR3A CX3CR1 KLRG1 EOMES",
    ),
    genes(
        "antigen presenting",
        30.0,
        "HLA-DRA HLA-DRB1 CD74 HLA-DPA1 HLA-DPB1 HLA-DQA1 HLA-DQB1 CD86 CD80 CD40 CIITA LY86",
    ),
    genes(
        "b cell",
        30.0,
        "MS4A1 CD79A CD79B CD19 BANK1 TCL1A CD22 FCER2 BLK SPIB PAX5 VPREB3 FCRL1 TNFRSF13C CLECL1P IGHM IGHD RALGPS2 LINC00926 CD72 FCRLA POU2AF1",
    ),
    genes(
        "plasma",
        120.0,
        "IGKC IGHG1 JCHAIN IGHA1 MZB1 TENT5C DERL3 SLAMF7 PRDM1 TNFRSF17 SEC11C XBP1 CD79A CD27 SDC1 IGLC2 IGHG3 IGHG4 CD38 FKBP11 SSR4 PIM2 ITM2C",
    ),
    genes(
        "myeloid",
        40.0,
        "LYZ CD68 AIF1 TYROBP FCER1G C1QA C1QB C1QC CD14 CD163 MRC1 MNDA IGSF6 FCGR3A FGL2 ITGAX ITGAM APOC1 APOE MS4A7 CTSS CSF1R CD4 PILRA LILRB4 SPI1 TREM2 GPNMB CXCL16 SERPINB9 CLEC7A MS4A6A",
    ),
    genes(
        "macrophage",
        20.0,
        "SPP1 MARCO FOLR2 SELENOP STAB1 CCL8 CCL18 CCL3 CXCL5 CXCL8 IL1B MMP12 MMP9 LPL PLD4 CD274 VSIG4 SLC11A1 APOBEC3A MPO S100A4 PPARG CTSB CTSD CTSL LGMN ACP5 FABP5 CCL20 BASP1 TRIB1 GLIPR1 MAP3K8 DUSP5",
    ),
    genes(
        "dendritic",
        60.0,
        "CD1C CLEC9A CLEC10A FCER1A XCR1 IRF8 IRF7 LILRA4 IL3RA GZMB PLD4 LAMP3 CCR7 CCL19 CCL22 BATF3 CD1E FLT3 IDO1 CD83 CLEC4C TCF4 SPIB PDCD1LG2 CCL17 WDFY4",
    ),
];

/// Programmes that are the signature of so few types that they are kept apart for length.
const RARE: [Programme; 2] = [
    genes(
        "mast",
        90.0,
        "CPA3 TPSAB1 TPSB2 KIT HDC MS4A2 HPGDS CTSG GATA2 FCER1A SLC18A2 IL1RL1 RGS13 HPGD CMA1 SIGLEC6 VWA5A LTC4S CLU",
    ),
    genes(
        "adipose",
        90.0,
        "ADIPOQ LPL PLIN1 PLIN4 LEP FABP4 CIDEC PPARG LIPE PNPLA2 GPD1 ADH1B AQP7 CIDEA TIMP4 CD36 G0S2 UCP1 LGALSL ACACB PCK1 THRSP",
    ),
];

/// Genes that every cell expresses, with their level.
const BACKGROUND: [(f64, &str); 5] = [
    (
        60.0,
        "RPL3 RPL4 RPL5 RPL6 RPL7 RPL7A RPL8 RPL9 RPL10 RPL10A RPL11 RPL12 RPL13 RPL13A RPL14 RPL15 RPL17 RPL18 RPL18A \
         RPL19 RPL21 RPL22 RPL23 RPL23A RPL24 RPL26 RPL27 RPL27A RPL28 RPL29 RPL30 RPL31 RPL32 RPL34 RPL35 RPL35A RPL36 \
         RPL37 RPL37A RPL38 RPL39 RPL41 RPLP0 RPLP1 RPLP2 RPS2 RPS3 RPS3A RPS4X RPS5 RPS6 RPS7 RPS8 RPS9 RPS10 RPS11 RPS12 \
         RPS13 RPS14 RPS15 RPS15A RPS16 RPS18 RPS19 RPS20 RPS21 RPS23 RPS24 RPS25 RPS27 RPS27A RPS28 RPS29 RPSA FAU UBA52",
    ),
    (150.0, "MALAT1 EEF1A1 TMSB4X TMSB10 B2M ACTB FTL FTH1 TPT1"),
    (80.0, "MT-CO1 MT-CO2 MT-CO3 MT-ND1 MT-ND2 MT-ND3 MT-ND4 MT-ND5 MT-CYB MT-ATP6"),
    (
        20.0,
        "GAPDH ACTG1 UBC UBB HLA-A HLA-B HLA-C PFN1 CFL1 MYL6 MYL12A MYL12B PPIA LDHA LDHB ENO1 PKM HSP90AA1 HSP90AB1 HSPA8 \
         HSPB1 EEF2 EEF1B2 EEF1D EEF1G EIF1 EIF4A1 NACA BTF3 TUBA1A S100A6 S100A10 S100A11 ANXA2 CD63 CD81 CD59 LGALS1 COX4I1 \
         COX6C COX7C ATP5F1E ATP5MG NDUFA4 UQCRB GSTP1 PRDX1 SOD1 SERF2 OAZ1 H3-3A H3-3B HNRNPA1 HNRNPA2B1 SRSF3 NPM1 NCL \
         PTMA PABPC1 JUN FOS JUNB DUSP1 IER2 NFKBIA MCL1 ZFP36 KLF2 KLF6 BTG1 BTG2 CIRBP",
    ),
    (
        2.0,
        "KARS1 LARS1 NARS1 QARS1 WARS1 CYRIA CCDC6 CCPG1 CTH DAPK3 DNTTIP1 HOOK2 OCIAD2 PDE4A PTRHD1 POLR2J3 REXO4 SRPK1 \
         THAP2 TMEM147 TOMM7 TRAPPC3 VOPP1 ZNF562 ERCC1 TBP POLR2A GUSB HPRT1 SDHA YWHAZ UBE2D2 CDC42 RHOA RAB5A RAB7A \
         VPS35 SNX3 EIF3E EIF4G2 DDX5 DDX3X HSPD1 CCT3 CCT5 PSMA1 PSMB4 PSMC3 NDUFS2 NDUFV1 SDHB CYC1 ATP5PB IDH1 ACO2 CS",
    ),
];

/// Names of the genes, sorted, and for each cell type the share of the counts that each gene is expected to take.
///
/// `leak` is the part of its strength that a programme has in cells that do not run it.
pub(super) fn expected_shares(leak: f64) -> (Vec<String>, Vec<Vec<f64>>) {
    let programmes = || PROGRAMMES.iter().chain(&RARE);
    let listed = programmes().map(|programme| programme.genes).chain(BACKGROUND.iter().map(|(_, genes)| *genes));
    let mut names: Vec<&str> = listed.flat_map(str::split_whitespace).collect();
    names.sort_unstable();
    names.dedup();
    let at = |gene: &str| names.binary_search(&gene).unwrap_or_default();
    let shares = TYPES.iter().map(|kind| {
        let mut levels = vec![0.0; names.len()];
        for (level, genes) in &BACKGROUND {
            genes.split_whitespace().for_each(|gene| levels[at(gene)] += level);
        }
        for programme in programmes() {
            let runs = kind.programmes.iter().find(|(name, _)| *name == programme.name);
            let level = programme.strength * runs.map_or(leak, |(_, factor)| *factor);
            programme.genes.split_whitespace().for_each(|gene| levels[at(gene)] += level);
        }
        let total: f64 = levels.iter().sum();
        levels.into_iter().map(|level| level / total).collect()
    });
    let shares = shares.collect();
    (names.into_iter().map(str::to_owned).collect(), shares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_programme_that_a_type_names_exists_and_is_run_by_a_type() {
        let names = |name: &str| PROGRAMMES.iter().chain(&RARE).any(|programme| programme.name == name);
        let runs = |name: &str| TYPES.iter().any(|kind| kind.programmes.iter().any(|(run, _)| *run == name));
        for kind in &TYPES {
            assert!(kind.programmes.iter().all(|(name, _)| names(name)), "{}", kind.name);
        }
        for programme in PROGRAMMES.iter().chain(&RARE) {
            assert!(runs(programme.name), "{}", programme.name);
        }
    }
}
